"""The running program: the only place that knows every concrete channel, database and setting.

Not for: what is true (domain/), said (conversation/), done (handlers/) or remembered (storage/).
"""
