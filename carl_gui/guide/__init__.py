"""What a person is led by: steps, the next step, new videos."""
