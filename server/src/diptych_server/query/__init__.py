"""Questions and their answers, one file a question: parameters to SQL to a Struct of `wire/answers.py`.

Every SELECT starts with `project_id`, takes one row an id (`LIMIT 1 BY`, the highest precedence), and binds
its values as `{name:Type}` places. Lists are read in two steps: the page's keys from the narrowest columns,
then those keys in full.
"""
