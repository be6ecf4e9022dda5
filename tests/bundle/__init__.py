"""What is sent to support, and what is taken out of it before."""
