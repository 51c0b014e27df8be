"""Queues, bucket and table: nothing that waits in them is lost, and nobody reads along."""

from __future__ import annotations

from hookwatch.ingest.parked import MAX_MESSAGE_BYTES
from sam_template import deployed, written

DAY_S = 86_400
REPLAY_TIMEOUT_S = 30


def test_parking_waits_as_long_as_was_asked_for():
    """A parked event waits for ParkingRetentionDays, and whatever was given up for as long as SQS can."""
    for days in (1, 9, 14):
        resources = deployed(ParkingRetentionDays=days).resources
        assert int(resources["ParkingQueue"].properties["MessageRetentionPeriod"]) == days * DAY_S
        assert resources["ParkingDlq"].properties["MessageRetentionPeriod"] == 14 * DAY_S


def test_parking_gives_up_into_the_dead_letter_queue_and_nothing_else_does():
    """After ReplayMaxReceives a message goes to a queue that takes messages from the parking queue alone."""
    resources = deployed(ReplayMaxReceives=7).resources
    parking, dlq = resources["ParkingQueue"].properties, resources["ParkingDlq"].properties
    assert parking["RedrivePolicy"] == {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:hooks-parked-dlq",
        "maxReceiveCount": 7,
    }
    assert dlq["RedriveAllowPolicy"] == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": ["arn:aws:sqs:us-east-1:123456789012:hooks-parked"],
    }


def test_queues_take_what_we_send():
    """Both queues take the largest message that we make, encrypted, and hide one for as long as Lambda asks for."""
    resources = deployed().resources
    for name in ("ParkingQueue", "ParkingDlq"):
        assert resources[name].properties["MaximumMessageSize"] == MAX_MESSAGE_BYTES
        assert resources[name].properties["SqsManagedSseEnabled"] is True
    assert resources["ParkingQueue"].properties["VisibilityTimeout"] == 6 * REPLAY_TIMEOUT_S


def test_bucket_is_closed_and_encrypted():
    """No object is public, unencrypted or somebody else's."""
    bucket = deployed().resources["ClaimBucket"].properties
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def test_bucket_empties_itself_but_never_before_a_message_that_needs_it():
    """Claims expire as asked for; a parked payload outlives both queues."""
    rules = {
        rule["Id"]: rule
        for rule in deployed(ClaimCheckRetentionDays=90)
        .resources["ClaimBucket"]
        .properties["LifecycleConfiguration"]["Rules"]
    }
    assert (rules["claims"]["Prefix"], rules["claims"]["ExpirationInDays"]) == ("claims/", 90)
    assert rules["parked"]["Prefix"] == "parked/"
    assert rules["parked"]["ExpirationInDays"] * DAY_S > (14 + 14) * DAY_S


def test_nothing_is_read_or_written_in_the_clear():
    """Queues and bucket turn away whoever comes without TLS."""
    resources = deployed().resources
    for name in ("ParkingPolicy", "ClaimBucketPolicy"):
        (statement,) = resources[name].properties["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert len(statement["Resource"]) == 2


def test_table_exists_only_where_it_is_wanted():
    """Without Deduplicate there is no table, and no function looks for one."""
    resources = deployed().resources
    assert "DedupeTable" not in resources
    assert "DedupeTableName" not in deployed().outputs
    table = deployed(Deduplicate="on").resources["DedupeTable"].properties
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expiration", "Enabled": True}
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_outputs_name_what_operators_look_for():
    """Commands find queues, bucket and table by the stack's outputs."""
    outputs = deployed(Deduplicate="on").outputs
    assert outputs["ParkingQueueName"] == "hooks-parked"
    assert outputs["ParkingDlqName"] == "hooks-parked-dlq"
    assert str(outputs["ParkingQueueUrl"]).endswith("/hooks-parked")
    assert str(outputs["ParkingDlqUrl"]).endswith("/hooks-parked-dlq")
    assert outputs["ClaimBucketName"] == "hooks-claimbucket"
    assert outputs["DedupeTableName"] == "hooks-seen"


def test_every_day_has_its_seconds():
    """The table of seconds has a row for every number of days that may be asked for."""
    template = written()
    days = template.section("Parameters")["ParkingRetentionDays"]["AllowedValues"]
    assert {str(day): {"Seconds": day * DAY_S} for day in days} == template.section("Mappings")["Days"]
