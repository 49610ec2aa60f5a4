"""A stand-in of TikTok that speaks its API: videos in pieces, photos that are fetched, posts that take their time."""
