"""Files of people on their way into a draft: pictures, videos and documents, judged by their content."""
