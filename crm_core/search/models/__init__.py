from crm_core.search.models.view import RecentRecord, SavedView

__all__ = ["RecentRecord", "SavedView"]
