"""Users that come in a file, and provisioned limits, through boto3."""

import time

import boto3
import requests

from pools import unique
from refusal import refused

ROLE = "arn:aws:iam::000000000000:role/import"
PASSWORD = "Right-passw0rd!"


def row(columns, name, **values):
    """A row of a file."""
    values = {"cognito:username": name, "cognito:mfa_enabled": "false"} | values
    return ",".join(values.get(column, "") for column in columns)


def until(idp, job, *states):
    """The import once it is in one of these states."""
    for _ in range(200):
        job = idp.describe_user_import_job(UserPoolId=job["UserPoolId"], JobId=job["JobId"])["UserImportJob"]
        if job["Status"] in states:
            return job
        time.sleep(0.1)
    raise AssertionError(job)


def test_users_come_in_a_file_and_choose_their_passwords(idp, pool, app, inbox):
    columns = idp.get_csv_header(UserPoolId=pool.id)["CSVHeader"]
    assert columns[-2:] == ["cognito:mfa_enabled", "cognito:username"]
    job = idp.create_user_import_job(UserPoolId=pool.id, JobName="all", CloudWatchLogsRoleArn=ROLE)["UserImportJob"]
    assert job["Status"] == "Created"
    named = {"UserPoolId": pool.id, "JobId": job["JobId"]}
    with refused("PreconditionNotMetException"):
        idp.start_user_import_job(**named)
    names = [unique("user") for _ in range(25)]
    rows = [row(columns, name, email=f"{name}@example.com", email_verified="true") for name in names]
    file = "\n".join([",".join(columns), *rows, rows[0], row(columns, "unverified")])
    # As the service's own guide sends it.
    sent = requests.put(
        job["PreSignedUrl"], data=file, headers={"x-amz-server-side-encryption": "aws:kms"}, timeout=10
    )
    assert sent.status_code == 200, sent.text
    forged = requests.put(job["PreSignedUrl"].replace("token=", "token=A"), data=file, timeout=10)
    assert forged.status_code == 403
    assert idp.start_user_import_job(**named)["UserImportJob"]["Status"] == "Pending"
    job = until(idp, job, "Succeeded", "Failed")
    assert (job["ImportedUsers"], job["SkippedUsers"], job["FailedUsers"]) == (25, 1, 1)
    assert job["CompletionMessage"] == "Import Job Completed Successfully."
    report = requests.get(job["PreSignedUrl"], timeout=10).text.splitlines()
    assert report[0] == "[SKIPPED] Line Number 27 - The user already exists."
    assert report[1].startswith("[FAILED] Line Number 28 - ")
    listed = idp.list_user_import_jobs(UserPoolId=pool.id, MaxResults=10)["UserImportJobs"]
    assert [each["JobId"] for each in listed] == [job["JobId"]]
    with refused("PreconditionNotMetException"):
        idp.stop_user_import_job(**named)

    name = names[7]
    assert pool.status_of(name) == "RESET_REQUIRED"
    with refused("PasswordResetRequiredException"):
        app.sign_in(name, PASSWORD)
    with inbox.messages_to(f"{name}@example.com") as sent:
        idp.forgot_password(ClientId=app.id, Username=name)
    code = sent.code
    idp.confirm_forgot_password(ClientId=app.id, Username=name, Password=PASSWORD, ConfirmationCode=code)
    assert app.sign_in(name, PASSWORD)["IdToken"]


def test_an_import_is_stopped_and_nobody_changes_the_pool_meanwhile(idp, pool):
    columns = idp.get_csv_header(UserPoolId=pool.id)["CSVHeader"]
    job = idp.create_user_import_job(UserPoolId=pool.id, JobName="all", CloudWatchLogsRoleArn=ROLE)["UserImportJob"]
    rows = (
        row(columns, f"user-{number}", email=f"u{number}@example.com", email_verified="true")
        for number in range(20_000)
    )
    lines = (f"{line}\n".encode() for line in [",".join(columns), *rows])
    assert requests.put(job["PreSignedUrl"], data=lines, timeout=60).status_code == 200
    named = {"UserPoolId": pool.id, "JobId": job["JobId"]}
    idp.start_user_import_job(**named)
    with refused("UserImportInProgressException"):
        idp.add_custom_attributes(
            UserPoolId=pool.id, CustomAttributes=[{"Name": "x", "AttributeDataType": "String"}]
        )
    until(idp, job, "InProgress")
    assert idp.stop_user_import_job(**named)["UserImportJob"]["Status"] == "Stopping"
    job = until(idp, job, "Stopped")
    assert job["CompletionMessage"] == "The Import Job was stopped by the developer."
    with refused("ResourceNotFoundException"):
        idp.describe_user_import_job(UserPoolId=pool.id, JobId="import-0")
    with refused("InvalidParameterException"):
        idp.create_user_import_job(
            UserPoolId=pool.id, JobName="hashed", CloudWatchLogsRoleArn=ROLE, PasswordHashingAlgorithm="BCRYPT"
        )


def test_limits_are_raised_within_bounds(endpoint):
    idp = boto3.client("cognito-idp", endpoint_url=endpoint)
    limit = {"LimitClass": "API_CATEGORY", "Attributes": {"Category": "UserCreation"}}
    free = idp.get_provisioned_limit(LimitDefinition=limit)["Limit"]["FreeLimitValue"]
    raised = idp.update_provisioned_limit(LimitDefinition=limit, RequestedLimitValue=free + 10)["Limit"]
    assert raised["ProvisionedLimitValue"] == free + 10
    assert idp.get_provisioned_limit(LimitDefinition=limit)["Limit"] == raised
    with refused("ServiceQuotaExceededException"):
        idp.update_provisioned_limit(LimitDefinition=limit, RequestedLimitValue=1_000_000)
    with refused("InvalidParameterException"):
        idp.update_provisioned_limit(LimitDefinition=limit, RequestedLimitValue=0)
