// The brief's four calls (contract 9.1) for those who have k6. `bin/loadtest --k6` starts the server and audits; against
// one that stands, with ENVIRONMENT=load over a database of `manage.py seed --size load`:
//
//   k6 run -e HOST=http://127.0.0.1:8000 locustfiles/brief.k6.js
//
// k6 knows thresholds, so its exit code says whether p95 and failures hold (99: not). What it does not do: check whose
// answer it got, say when a run means nothing. bin/loadtest does.
import http from "k6/http";
import { check, fail, sleep } from "k6";

const HOST = __ENV.HOST || "http://127.0.0.1:8000";
const NAMES = ["POST /auth/login", "GET /users/me", "GET /challenges", "POST /checkins"];
const thresholds = { checks: ["rate==1"] };
for (const name of NAMES) thresholds[`http_req_duration{name:${name}}`] = ["p(95)<200"];

export const options = {
  scenarios: {
    people: { executor: "ramping-vus", startVUs: 0, gracefulStop: "10s",
      stages: [{ duration: "10s", target: 100 }, { duration: "70s", target: 100 }] },
  },
  thresholds,
};

let person = null; // each VU has a module of its own

export default function () {
  person = person || logIn();
  const choice = Math.random() * 6; // 3 : 2 : 1
  if (choice < 3) ask("GET", "/users/me", 200);
  else if (choice < 5) ask("GET", "/challenges", 200);
  else checkIn();
  sleep(1 + 2 * Math.random());
}

function logIn() {
  const email = `load${String(__VU).padStart(5, "0")}@example.com`;
  const tokens = ask("POST", "/auth/login", 200, { email, password: "password" });
  if (!tokens) fail(`${email} cannot log in`);
  return { token: tokens.access_token, pairs: null };
}

function checkIn() {
  person.pairs = person.pairs || openPairs();
  const pair = person.pairs.shift();
  if (!pair) fail("nothing left to check in today: seed anew");
  ask("POST", "/checkins", 201, { ...pair, caption: "Test checkin" });
}

function openPairs() {
  const taken = new Set(ask("GET", "/checkins", 200, null, "?limit=100").checkins
    .filter((row) => row.checkin_date >= new Date(Date.now() - 864e5).toISOString().slice(0, 10))
    .map((row) => row.challenge_id + row.habit_id));
  const running = ask("GET", "/challenges", 200, null, "?limit=100").challenges.filter((row) => row.status === "active");
  return running.flatMap(({ id }) => ask("GET", "/challenges/{id}", 200, null, "", id).habits
    .map((habit) => ({ challenge_id: id, habit_id: habit.id }))
    .filter((pair) => !taken.has(pair.challenge_id + pair.habit_id)));
}

function ask(method, template, expected, body = null, query = "", id = "") {
  const headers = { "Content-Type": "application/json" };
  if (person) headers.Authorization = `Bearer ${person.token}`;
  const name = query || id ? "set-up" : `${method} ${template}`;
  const url = `${HOST}/api/v1${template.replace("{id}", id)}${query}`;
  const answer = http.request(method, url, body && JSON.stringify(body), { headers, tags: { name } });
  return check(answer, { [`${name} answers ${expected}`]: () => answer.status === expected }) ? answer.json() : null;
}
