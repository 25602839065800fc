"""BlazePose's weights, which are not ours: see LICENSE and NOTICE."""
