"""The same awards by other means: hand-written rules for other engines over one synthetic population, measured beside the project's own.

`AWARDS` are the eight enterprise awards measured, in the order of the policies; `SHOP` is the shop award that only the full settlement needs.
"""

from __future__ import annotations

from datetime import date

YEAR = 2025
JINYUN = ("引进企业奖励", "场地租金补助", "展位费补助", "平台费用补助")
ZIBO = ("流量补贴", "自播奖励", "生产企业佣金补助", "MCN机构奖励")
AWARDS = JINYUN + ZIBO
SHOP = "新注册店铺奖励"
ASSESSED = date(YEAR, 12, 31)  # 评估日 of standards-2025
READINGS = {"超总额办法": "按比例核减", "同一销售额": "就高"}  # of the full settlement of zibo-2022, over standards-2025

WAN = 1_000_000  # 1万元 in 分
YI = 10_000 * WAN
CLAUSE_TOTAL, ANNUAL_TOTAL = 500 * WAN, 1000 * WAN


def latest_start(end: date, years: int) -> date:
    """The latest first day from which a time of `years` is full on `end`: the corresponding day, else the month's last (民法典 第二百零二条).

    A time from 02-29 is full on 02-28 of a year without that day, so where `end` is that 02-28, a start on 02-29 still counts.
    """
    try:
        day = date(end.year - years, end.month, end.day)
    except ValueError:  # end is 02-29 and the year of the start has none
        return date(end.year - years, 2, 28)
    leap_day = (end.month, end.day) == (2, 28) and _leap(day.year) and not _leap(end.year)
    return date(day.year, 2, 29) if leap_day else day


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


LATEST_ENTRY = (latest_start(ASSESSED, 1) - date(1970, 1, 1)).days  # in days since 1970-01-01
