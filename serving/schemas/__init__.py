"""What is sent and answered: the shapes, how they are checked, and how what is stored is shown."""
