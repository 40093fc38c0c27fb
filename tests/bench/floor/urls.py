"""ModelViewSets as the tutorial writes them, and one view each for board, dashboard, log-in and import."""

import uuid

from django.contrib.auth import authenticate
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.urls import include, path
from django.utils import timezone
from rest_framework import decorators, filters, permissions, response, routers, serializers, viewsets
from rest_framework.authtoken.models import Token

from tests.bench.floor.crm.models import Contact, Opportunity, Task

STAGES = (1, 2, 3, 4)


class ContactSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = "__all__"
        extra_kwargs = {n: {"required": False} for n in ("id", "created_at", "modified_at", "full_name")}

    def validate(self, attrs):
        if self.instance is None:
            now = timezone.now()
            attrs |= {"id": uuid.uuid4(), "created_at": now}
            attrs["full_name"] = f"{attrs.get('first_name', '')} {attrs['last_name']}".strip()
        attrs["modified_at"] = timezone.now()
        return attrs


class OpportunitySerializer(serializers.ModelSerializer):
    class Meta:
        model = Opportunity
        fields = "__all__"


class TaskSerializer(serializers.ModelSerializer):
    class Meta:
        model = Task
        fields = "__all__"


class OneContactSerializer(ContactSerializer):
    opportunities = OpportunitySerializer(many=True, read_only=True)
    tasks = TaskSerializer(many=True, read_only=True)


class Contacts(viewsets.ModelViewSet):
    queryset = Contact.objects.order_by("-created_at", "-id")
    serializer_class = ContactSerializer
    filter_backends = (filters.SearchFilter, filters.OrderingFilter)
    search_fields = ("full_name",)
    ordering_fields = ("full_name", "created_at")

    def get_serializer_class(self):
        return OneContactSerializer if self.action == "retrieve" else ContactSerializer

    def get_queryset(self):
        city = self.request.query_params.get("city")
        return self.queryset.filter(city=city) if city else self.queryset.all()

    @decorators.action(detail=False, methods=["post"], url_path="import")
    def bring_in(self, request):
        known = set(Contact.objects.values_list("email", flat=True))
        ready, errors = [], []
        for number, row in enumerate(request.data["rows"], 1):
            form = ContactSerializer(data=row)
            if not form.is_valid():
                errors.append({"row": number, "errors": form.errors})
            elif row["email"] in known:
                errors.append({"row": number, "errors": "duplicate"})
            else:
                ready.append(Contact(**form.validated_data))
        Contact.objects.bulk_create(ready, batch_size=1000)
        return response.Response({"created": len(ready), "errors": errors})


@decorators.api_view(["GET"])
def board(request):
    columns = []
    for stage in STAGES:
        rows = Opportunity.objects.filter(state="open", stage=stage)
        total = rows.aggregate(count=Count("id"), sum=Sum("estimated_revenue"))
        first = rows.order_by("-created_at", "-id")[:50]
        columns.append({"stage": stage, **total, "rows": OpportunitySerializer(first, many=True).data})
    return response.Response({"columns": columns})


@decorators.api_view(["GET"])
def dashboard(request):
    rows = (
        Opportunity.objects.filter(state="open")
        .values("stage", month=TruncMonth("estimated_close_date"))
        .annotate(count=Count("id"), sum=Sum("estimated_revenue"))
        .order_by("stage", "month")
    )
    return response.Response({"groups": list(rows)})


@decorators.api_view(["POST"])
@decorators.authentication_classes([])
@decorators.permission_classes([permissions.AllowAny])
def login(request):
    user = authenticate(request, username=request.data["username"], password=request.data["password"])
    return response.Response({"token": Token.objects.get(user=user).key})


router = routers.SimpleRouter()
router.register("contacts", Contacts)
urlpatterns = [
    path("", include(router.urls)),
    path("board/", board),
    path("dashboard/", dashboard),
    path("login/", login),
]
