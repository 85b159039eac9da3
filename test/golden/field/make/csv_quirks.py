"""CSV fields with text after the closing quote, and files whose lines end in CR alone."""

import answers, tiny

answers.begin(__file__, "csv-quirks")
tiny.write_text("behind-quote.csv", 'text,n\n"the old"er harbour,1\n"a ""grey"" gull",2\n"two\nlines"; and more,3\n')
tiny.write_text("cr.csv", 'text,n\rThe lamp is lit.,1\r"Fog, and wind",2\r')
as_field = {"field": "text"}
answers.finish(
    "csv-quirks",
    "Read as Python's csv and pandas do: what stands behind a closing quote belongs to the field; CR alone ends a line.",
    [
        {
            "name": "text behind the closing quote",
            "do": "read",
            "files": ["behind-quote.csv"],
            "as": as_field,
            "mayRefuse": "behind-quote\\.csv:2",
            "note": "A refusal of the record, with its place, is as good; to lose the text is not.",
        },
        {"name": "CR line ends", "do": "read", "files": ["cr.csv"], "as": as_field},
    ],
)
