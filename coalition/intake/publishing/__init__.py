"""From something told to something public: a text, the teller's yes, the release, and the way back."""
