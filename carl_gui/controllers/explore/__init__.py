"""The Explore page: choice of encoder and videos, and its views."""
