"""The visual verification code: six digits in a picture, and spoken, which a person types.

The pictures are drawn by the `captcha` package. Nothing here needs JavaScript.
"""

from traffic_booking.adapters.image_captcha.codes import ImageCaptcha, answer, random_digits

__all__ = ["ImageCaptcha", "answer", "random_digits"]
