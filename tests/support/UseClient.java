// Makes every call of the contract, and an undo, with the client that openapi-generator made; prints the answers as JSON.
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.HistoryApi;
import org.openapitools.client.api.MentorStatusesApi;
import org.openapitools.client.api.PauseRecordsApi;
import org.openapitools.client.model.MentorStatusCreate;
import org.openapitools.client.model.MentorStatusUpdate;
import org.openapitools.client.model.PauseRecordCreate;
import org.openapitools.client.model.PauseRecordUpdate;
import org.openapitools.client.model.Problem;
import org.openapitools.client.model.Status;
import org.openapitools.client.model.UndoBody;

public class UseClient {
  public static void main(String[] arguments) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(arguments[0]);
    MentorStatusesApi mentors = new MentorStatusesApi(client);
    PauseRecordsApi records = new PauseRecordsApi(client);
    List<Object> answers = new ArrayList<>();
    MentorStatusCreate mentor = new MentorStatusCreate().mentorId("ada").status(Status.ACTIVE).isPaused(false);
    answers.add(mentors.createMentorStatus(mentor));
    MentorStatusUpdate pause = new MentorStatusUpdate()
        .mentorId(null)
        .status(Status.PAUSED)
        .pauseStartDate("2020-03-01")
        .expectedReturnDate("2199-05-01T12:00:00+02:00")
        .pauseReason("illness")
        .metadata(Map.of("notes", "by telephone"))
        .lastUpdated(null);
    answers.add(mentors.updateMentorStatus("ada", pause, null));
    answers.add(mentors.getMentorStatus("ada", "2100-01-01T00:00:00+02:00", null, null));
    answers.add(mentors.listMentorStatuses(null, 1, null, null, true, Status.PAUSED, null, null, null, null, null, null));
    PauseRecordCreate leave = new PauseRecordCreate().mentorId("ada").startDate("2199-06-01T00:00:00Z").reason("leave");
    answers.add(records.createPauseRecord(leave));
    answers.add(records.getPauseRecord("pause-rec-0002", null, null, null));
    answers.add(records.listPauseRecords(
        null, 1, null, null, true, null, null, null, null, null, null, null, null, "", null, null));
    PauseRecordUpdate end = new PauseRecordUpdate().mentorId(null).endDate("2020-04-15").isActive(false);
    answers.add(records.updatePauseRecord("pause-rec-0001", end, null));
    answers.add(records.deletePauseRecord("pause-rec-0002", null, null));
    answers.add(new HistoryApi(client).undoHistoryEntries(new UndoBody().addHistoryEntryIdsItem("5")));
    answers.add(mentors.deleteMentorStatus("ada", "anna", null, null));
    try {
      mentors.getMentorStatus("ada", null, null, null);
    } catch (ApiException error) {
      answers.add(client.getObjectMapper().readValue(error.getResponseBody(), Problem.class));
    }
    System.out.println(client.getObjectMapper().writeValueAsString(answers));
  }
}
