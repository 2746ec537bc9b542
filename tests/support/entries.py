"""Register entries of invented firms."""

from typing import Any

from schemas.entry import RegisterEntry

CODE = "91430100DEM0000175"
OTHER_CODE = "91430100DEM0000290"


def entry(number: int | str = 1, **fields: Any) -> RegisterEntry:
    """An active entry of Changsha that is valid for three years; `fields` replace its own."""
    certificate = number if isinstance(number, str) else f"CSLX-{number:04d}"
    own: dict[str, Any] = {
        "register_city": "430100",
        "certificate_no": certificate,
        "batch": "2020-1",
        "uscc": CODE,
        "enterprise_name": "长沙示例泵业有限公司",
        "district_code": "430102",
        "product_name": f"节能水泵{certificate}",
        "models": ("DM-100", "DM-200"),
        "category": "通用设备",
        "standards": ("GB/T 0000-2020",),
        "valid_from": "2021-01-01",
        "valid_to": "2023-12-31",
    }
    return RegisterEntry.model_validate(own | fields)


def withdrawn(number: int | str = 1, **fields: Any) -> RegisterEntry:
    """The same entry, withdrawn because it expired."""
    reason = {"code": "expired", "text": "到期"}
    return entry(number, **{"source_status": "withdrawn", "status_reason": reason, **fields})
