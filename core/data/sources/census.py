"""Census-Income (KDD), the data of the MMoE paper, from a file that the user has: it is not shipped."""

from __future__ import annotations

from pathlib import Path

from core.data import parquet
from core.data.description import DatasetCard, DatasetDescription, DenseFeature, SparseFeature, Split, Task
from core.data.parquet import literal
from core.data.preparation import FittedColumn, Preparation, in_order
from core.data.prepared import SPLIT, cached, write_query
from core.data.source import BRANCHING, DatasetChoice, Source, external_files

VERSION = 2
SEED = 20241212  # of the random split
COLUMNS = (
    "age", "class_of_worker", "industry_code", "occupation_code", "education", "wage_per_hour",
    "enrolled_in_education", "marital_status", "major_industry", "major_occupation", "race", "hispanic_origin", "sex",
    "labor_union", "unemployment_reason", "employment_status", "capital_gains", "capital_losses", "stock_dividends",
    "tax_filer_status", "previous_region", "previous_state", "household_detail", "household_summary",
    "instance_weight", "migration_msa", "migration_region", "migration_within_region", "same_house",
    "migration_sunbelt", "employer_persons", "parents_present", "father_birth_country", "mother_birth_country",
    "birth_country", "citizenship", "self_employed", "veterans_questionnaire", "veterans_benefits", "weeks_worked",
    "year", "income",
)  # fmt: skip
DENSE = (
    "age",
    "wage_per_hour",
    "capital_gains",
    "capital_losses",
    "stock_dividends",
    "employer_persons",
    "weeks_worked",
)
LEFT_OUT = ("education", "enrolled_in_education", "marital_status", "income", "instance_weight")
"""What gives a label away, and the weight of a row: the three tasks share their inputs, so none of them sees these."""
COLLEGE = (
    "Bachelors degree(BA AB BS)",
    "Masters degree(MA MS MEng MEd MSW MBA)",
    "Prof school degree (MD DDS DVM LLB JD)",
    "Doctorate degree(PhD EdD)",
)

CARD = DatasetCard(
    name="census",
    title="Census-Income (KDD)",
    about="A row is a person of the 1994-95 US census surveys: high income, never married, a college degree?",
    notice="UCI Machine Learning Repository, CC BY 4.0. Not shipped: read from the folder named by PRECEDENCE_DATA.",
    tasks=(
        Task(name="income", title="Income over 50,000 dollars", label="over_50000"),
        Task(name="never_married", title="Never married", label="never_married"),
        Task(name="college", title="College degree", label="college"),
    ),
    split=Split(kind="random", says="70 / 15 / 15 % at random, fixed seed"),
)


def prepare(choice: DatasetChoice) -> Path:
    """The prepared folder, made at first use."""
    return cached(f"census-{VERSION}", lambda folder: make(external_files(SOURCE)[0], folder))


def make(file: Path, folder: Path) -> None:
    """Reads the file, splits it at random and numbers the words of every category."""
    sparse = [name for name in COLUMNS if name not in (*DENSE, *LEFT_OUT)]
    names = ", ".join(literal(name) for name in COLUMNS)
    trimmed = ", ".join(f"trim({name}) AS {name}" for name in COLUMNS)
    college = ", ".join(literal(word) for word in COLLEGE)
    with parquet.connect() as database:
        database.execute(
            f"CREATE TABLE person AS SELECT {trimmed}, row_number() OVER () AS number FROM read_csv({literal(file)}, "
            f"header=false, delim=',', quote='', escape='', all_varchar=true, names=[{names}])"
        )
        # a hash of the row's number and the seed is a uniform draw that does not depend on threads
        database.execute(
            "CREATE TABLE divided AS SELECT *, "
            f"(md5_number(concat(number, '-{SEED}')) % 10000)::INT AS draw FROM person"
        )
        database.execute(
            "CREATE TABLE result AS SELECT *, "
            f"CASE WHEN draw < 7000 THEN 0 WHEN draw < 8500 THEN 1 ELSE 2 END::UTINYINT AS {SPLIT} FROM divided"
        )
        sizes: list[SparseFeature] = []
        columns: dict[str, FittedColumn] = {}
        for name in sparse:
            database.execute(
                f"CREATE TABLE words_{name} AS SELECT word, row_number() OVER (ORDER BY word) AS id "
                f"FROM (SELECT DISTINCT {name} AS word FROM result WHERE {SPLIT} = 0)"
            )
            words = tuple(row[0] for row in database.execute(f"SELECT word FROM words_{name} ORDER BY id").fetchall())
            size = len(words) + 1
            sizes.append(SparseFeature(name=name, size=size))
            columns[name] = FittedColumn(name=name, kind="words", size=size, words=words, trimmed=True)
        wanted = [f"coalesce(words_{name}.id, 0)::USMALLINT AS {name}" for name in sparse]
        money = ("wage_per_hour", "capital_gains", "capital_losses", "stock_dividends")  # mostly 0, then large
        wanted += [f"{f'ln(1 + {name}::DOUBLE)' if name in money else name}::FLOAT AS {name}" for name in DENSE]
        columns |= {
            name: FittedColumn(name=name, kind="number", type="DOUBLE", logarithm=name in money) for name in DENSE
        }
        wanted += [
            "(income LIKE '%50000+%')::FLOAT AS over_50000",
            "(marital_status = 'Never married')::FLOAT AS never_married",
            f"(education IN ({college}))::FLOAT AS college",
        ]
        joins = " ".join(f"LEFT JOIN words_{name} ON words_{name}.word = result.{name}" for name in sparse)
        description = DatasetDescription(
            card=CARD, sparse=tuple(sizes), dense=tuple(DenseFeature(name=name) for name in DENSE)
        )
        query = f"SELECT {', '.join(wanted)}, {SPLIT} FROM result {joins} ORDER BY number"
        preparation = Preparation(columns=in_order(columns, description), file=file.name, header=COLUMNS)
        write_query(folder, description, database, query, preparation=preparation)


SOURCE = Source(
    card=CARD,
    prepare=prepare,
    external=("census_income/census-income.test.gz",),
    # These tasks help each other: with weights that fall with priority in the common start the last one is starved and
    # never makes up for it, with equal ones income loses half a per cent (docs/results.md).
    default_run={
        "stage_steps": 150,
        "evaluate_every": 25,
        "optimiser": {"average": 0.97},
        "method": {"kind": "nmt", **BRANCHING, "together_decay": 1.0},
    },
)
