"""The table of deliveries that are done: Powertools' idempotency records, kept with botocore. Decides nothing.

Powertools' own DynamoDB layer imports boto3, which the function does not have and would be slower with. The record's
form and the condition are those that it documents, so that its tools can read the table.
https://docs.powertools.aws.dev/lambda/python/latest/utilities/idempotency/ (read 2026-11-27)
"""

from __future__ import annotations

import sys
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from hookwatch.ingest import clients
from hookwatch.ingest.budget import TABLE_CONNECT_S, TABLE_READ_S

_OWN_LAYER = "aws_lambda_powertools.utilities.idempotency.persistence.dynamodb"
if _OWN_LAYER not in sys.modules:
    # The package imports its own layer, and boto3 with it, whichever layer is wanted. A name is all that it needs.
    _placeholder = ModuleType(_OWN_LAYER)
    _placeholder.DynamoDBPersistenceLayer = None  # type: ignore[attr-defined] # a module's attributes are its own
    sys.modules[_OWN_LAYER] = _placeholder

from aws_lambda_powertools.utilities.idempotency import BasePersistenceLayer, IdempotencyConfig  # noqa: E402 - above
from aws_lambda_powertools.utilities.idempotency.exceptions import (  # noqa: E402 - see above
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import (  # noqa: E402 - see above
    STATUS_CONSTANTS,
    DataRecord,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

# Whoever imports Powertools' words from elsewhere imports them before the placeholder stands.
__all__ = ["COMPLETED", "DedupeTable", "IdempotencyItemAlreadyExistsError", "IdempotencyItemNotFoundError"]

IN_PROGRESS, COMPLETED = STATUS_CONSTANTS["INPROGRESS"], STATUS_CONSTANTS["COMPLETED"]

# Absent, expired, or left behind by a function that was killed: then the delivery is ours to do.
_FREE = (
    "attribute_not_exists(id) OR expiration < :now"
    " OR (#status = :in_progress AND attribute_exists(in_progress_expiration) AND in_progress_expiration < :now_ms)"
)
_STATUS = {"#status": "status"}


class DedupeTable(BasePersistenceLayer):
    """One table, for the deliveries of one provider."""

    def __init__(self, table: str, provider: str, remember_s: int, client: Any = None) -> None:
        """Make it.

        Args:
            table: the table's name.
            provider: whose deliveries these are; every key begins with it, and the role allows no other.
            remember_s: how long a delivery is remembered, seconds.
            client: a DynamoDB client; one is made if none is given.
        """
        super().__init__()  # type: ignore[no-untyped-call] # Powertools has no types there
        self._table = table
        self._client = client or clients.client("dynamodb", connect_s=TABLE_CONNECT_S, read_s=TABLE_READ_S)
        self.configure(IdempotencyConfig(expires_after_seconds=remember_s, hash_function="sha256"), key_prefix=provider)

    def _get_record(self, idempotency_key: str) -> DataRecord:
        answer = self._client.get_item(TableName=self._table, Key={"id": {"S": idempotency_key}}, ConsistentRead=True)
        if "Item" not in answer:
            raise IdempotencyItemNotFoundError
        return _record(answer["Item"])

    def _put_record(self, data_record: DataRecord) -> None:
        now_s = time.time()
        item = {
            "id": {"S": data_record.idempotency_key},
            "status": {"S": data_record.status},
            "expiration": {"N": str(data_record.expiry_timestamp)},
            "in_progress_expiration": {"N": str(data_record.in_progress_expiry_timestamp)},
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=item,
                ConditionExpression=_FREE,
                ExpressionAttributeNames=_STATUS,
                ExpressionAttributeValues={
                    ":now": {"N": str(int(now_s))},
                    ":now_ms": {"N": str(int(now_s * 1000))},
                    ":in_progress": {"S": IN_PROGRESS},
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if not _condition_failed(error):
                raise
            before: Any = error.response.get("Item")
            raise IdempotencyItemAlreadyExistsError(old_data_record=_record(before) if before else None) from error

    def _update_record(self, data_record: DataRecord) -> None:
        self._client.update_item(
            TableName=self._table,
            Key={"id": {"S": data_record.idempotency_key}},
            UpdateExpression="SET #status = :status, expiration = :expiration",
            ExpressionAttributeNames=_STATUS,
            ExpressionAttributeValues={
                ":status": {"S": data_record.status},
                ":expiration": {"N": str(data_record.expiry_timestamp)},
            },
        )

    def _delete_record(self, data_record: DataRecord) -> None:
        try:
            self._client.delete_item(
                TableName=self._table,
                Key={"id": {"S": data_record.idempotency_key}},
                # Somebody else may have brought it to its end meanwhile, and that must stay known.
                ConditionExpression="#status = :in_progress",
                ExpressionAttributeNames=_STATUS,
                ExpressionAttributeValues={":in_progress": {"S": IN_PROGRESS}},
            )
        except ClientError as error:
            if not _condition_failed(error):
                raise


def _record(item: Mapping[str, Mapping[str, str]]) -> DataRecord:
    until = item.get("in_progress_expiration", {}).get("N")
    return DataRecord(
        idempotency_key=item["id"]["S"],
        status=item["status"]["S"],
        expiry_timestamp=int(item["expiration"]["N"]),
        in_progress_expiry_timestamp=int(until) if until else None,
    )


def _condition_failed(error: ClientError) -> bool:
    return error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException"
