-- Cases by what they are about: a person's requests are few, open cases may be many.

CREATE INDEX desk_case_by_subject ON desk_case (subject);
