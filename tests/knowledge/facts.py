"""Questions about the sample documents, with the words that answer them and the place where they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DOCUMENTS = Path(__file__).resolve().parents[2] / "config" / "demo" / "documents"
STUDY = "harbour-battery-study.md"
SURVEY = "riverside-market-survey.pdf"


@dataclass(frozen=True)
class Fact:
    """`quote` stands word for word in `document` at `locator` and answers `question`."""

    question: str
    document: str
    locator: str
    quote: str


FACTS = (
    Fact(
        "What was the highest load of the harbour, and when was it measured?",
        STUDY,
        "§ Results",
        "The highest load was 4.4 MW, measured on 17 July 2025 at 18:40, when two refrigerated ships, the cold stores and the crane of Quay 1 "
        "were all connected.",
    ),
    Fact(
        "How much energy does a ferry take at every stop, and in how many minutes?",
        STUDY,
        "§ The harbour and its ferries",
        "At every stop in Lindholt a ferry takes 1,150 kWh in 22 minutes, which is an average power of 3.1 MW.",
    ),
    Fact(
        "What price and building time did the network company name in its offer for a higher limit?",
        STUDY,
        "§ The grid connection",
        "The offer of 22 May 2025 names a price of EUR 9.4 million and a building time of 38 months, counted from the order.",
    ),
    Fact(
        "What is the round-trip efficiency of the battery?",
        STUDY,
        "§ Energy and losses",
        "The round-trip efficiency of the battery, measured at the 20 kV terminals, is 88 %.",
    ),
    Fact(
        "What does the maker guarantee about the capacity and the cycles?",
        STUDY,
        "§ Ageing",
        "The maker guarantees 70 % of the first capacity after 12 years or 5,500 cycles, whichever comes first.",
    ),
    Fact(
        "What water supply did the fire brigade ask for?",
        STUDY,
        "§ Fire protection",
        "The fire brigade of Lindholt asked for a water supply of 1,900 litres per minute for two hours; the quay's own hydrant delivers 1,200, "
        "so a second hydrant is part of the plan.",
    ),
    Fact(
        "How loud will the fans be at the nearest dwelling with silencers?",
        STUDY,
        "§ Noise",
        "Without measures we calculate 49 dB(A) there; with silencers on the fans, which are included in the price, 41 dB(A).",
    ),
    Fact(
        "How large is the addressable market for cargo bikes in deliveries per week?",
        SURVEY,
        "p. 1",
        "This addressable market is 21,854 deliveries per week, or EUR 6.12 million per year at a price of EUR 5.60.",
    ),
    Fact(
        "Which share of the deliveries does Ostlane Express have?",
        SURVEY,
        "p. 3",
        "Ostlane Express, with vans, has a share of 46 %.",
    ),
    Fact(
        "How much faster was the cargo bike than the van on the test trips?",
        SURVEY,
        "p. 3",
        "The bike needed 17.4 minutes on average, the van 26.1 minutes. The bike was therefore one third faster.",
    ),
    Fact(
        "What is the median of the highest acceptable price per delivery?",
        SURVEY,
        "p. 4",
        "The median of the highest acceptable price is EUR 5.20 per delivery.",
    ),
    Fact(
        "When does the low-emission zone start, and how large is it?",
        SURVEY,
        "p. 5",
        "It starts on 1 July 2027 and covers 2.6 square kilometres.",
    ),
)
