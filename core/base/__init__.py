"""What every part of core needs: errors, events, progress, control, files and tables. Knows no other folder of core."""
