// Makes every call of the contract, and an undo, with the client that openapi-generator made; prints the answers as JSON.
import { Configuration, HistoryApi, MentorStatusesApi, PauseRecordsApi, ResponseError } from "./typescript";

declare const process: { argv: string[] };

async function useClient(basePath: string) {
  const configuration = new Configuration({ basePath });
  const mentors = new MentorStatusesApi(configuration);
  const records = new PauseRecordsApi(configuration);
  const mentorId = "ada";
  const pause = {
    mentorId: null,
    status: "paused" as const,
    pauseStartDate: "2020-03-01",
    expectedReturnDate: "2199-05-01T12:00:00+02:00",
    pauseReason: "illness",
    metadata: { notes: "by telephone" },
    lastUpdated: null,
  };
  const leave = { mentorId, startDate: "2199-06-01T00:00:00Z", reason: "leave" };
  return [
    await mentors.createMentorStatus({ mentorStatusCreate: { mentorId, status: "active", isPaused: false } }),
    await mentors.updateMentorStatus({ mentorId, mentorStatusUpdate: pause }),
    await mentors.getMentorStatus({ mentorId, asOf: "2100-01-01T00:00:00+02:00" }),
    await mentors.listMentorStatuses({ status: "paused", limit: 1, etags: true }),
    await records.createPauseRecord({ pauseRecordCreate: leave }),
    await records.getPauseRecord({ pauseRecordId: "pause-rec-0002" }),
    await records.listPauseRecords({ after: "", limit: 1, etags: true }),
    await records.updatePauseRecord({
      pauseRecordId: "pause-rec-0001",
      pauseRecordUpdate: { mentorId: null, endDate: "2020-04-15", isActive: false },
    }),
    await records.deletePauseRecord({ pauseRecordId: "pause-rec-0002" }),
    await new HistoryApi(configuration).undoHistoryEntries({ undoBody: { historyEntryIds: new Set(["5"]) } }),
    await mentors.deleteMentorStatus({ mentorId, initiatedBy: "anna" }),
    await mentors.getMentorStatus({ mentorId }).catch((error: ResponseError) => error.response.json()),
  ];
}

useClient(process.argv[2]).then((answers) => console.log(JSON.stringify(answers)));
