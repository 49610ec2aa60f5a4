"""A stand-in of Facebook that speaks the part of the Graph API that Pages use."""
