// The page of `hookwatch up`. Everything that comes from outside is inserted as text: payloads are hostile.
"use strict";

const EVERY_MS = 1500;
const CALM = new Set(["accepted", "duplicate", "parked", "claim_checked"]);
const byId = (id) => document.getElementById(id);

function element(tag, content, className) {
  const made = document.createElement(tag);
  if (content !== undefined && content !== null) made.textContent = String(content);
  if (className) made.className = className;
  return made;
}

async function ask(path, options) {
  const answer = await fetch(path, options);
  const document = await answer.json();
  if (!answer.ok) throw new Error(document.error || answer.statusText);
  return document;
}

function fillTable(id, rows, whenEmpty) {
  const body = byId(id).tBodies[0];
  if (rows.length === 0) {
    const cell = element("td", whenEmpty, "empty");
    cell.colSpan = byId(id).tHead.rows[0].cells.length;
    const row = element("tr");
    row.append(cell);
    rows = [row];
  }
  body.replaceChildren(...rows);
}

function row(...cells) {
  const made = element("tr");
  for (const cell of cells) made.append(cell instanceof Node ? cell : element("td", cell));
  return made;
}

function style(delivery) {
  if (CALM.has(delivery.outcome)) return "good";
  return delivery.level === "ERROR" || delivery.level === "CRITICAL" ? "bad" : "warn";
}

function showHealth(health) {
  const pairs = [["GitHub Function URL", health.github_url], ["Twilio Function URL", health.twilio_url],
    ["AWS API", health.aws_endpoint_url], ["Template", health.template]];
  for (const [provider, made] of Object.entries(health.functions)) {
    pairs.push([provider, `${made.handler}, ${made.memory_mb} MB, ${made.timeout_s} s, ` +
      `${made.reserved_concurrency ?? "no reserved"} concurrency`]);
  }
  byId("addresses").replaceChildren(...pairs.flatMap(([name, value]) =>
    [element("dt", name), element("dd", value ?? "not in this template")]));
  byId("stripped").hidden = health.stripped.length === 0;
  byId("stripped-list").replaceChildren(...health.stripped.map((item) =>
    element("li", `${item.logical_id} (${item.type}): ${item.reason}`)));
}

function showDeliveries(deliveries) {
  fillTable("deliveries", deliveries.map((line) => row(
    element("td", (line.timestamp || "").slice(11, 23), "number"), line.provider,
    [line.event_type, line.action].filter(Boolean).join("."), element("td", line.outcome, style(line)), line.reason,
    element("td", line.payload_bytes, "number"), element("td", line.total_ms, "number"),
    element("td", line.delivery_id, "mono"),
  )), "No delivery yet: send one with `hookwatch send github`.");
}

// Keeps what the reader has opened: a list is only rebuilt when it has something new.
function showDetails(id, items, key, title, whenEmpty) {
  const box = byId(id);
  const newest = items.length ? `${key(items[0])}/${items.length}` : "";
  if (box.dataset.newest === newest) return;
  box.dataset.newest = newest;
  const open = new Set([...box.querySelectorAll("details[open]")].map((entry) => entry.dataset.key));
  box.replaceChildren(...items.map((item) => {
    const entry = element("details");
    entry.dataset.key = key(item);
    entry.open = open.has(entry.dataset.key);
    entry.append(element("summary", title(item)), element("pre", JSON.stringify(item, null, 2)));
    return entry;
  }));
  if (items.length === 0) box.append(element("p", whenEmpty, "empty"));
}

function showMetrics(totals) {
  const order = (total) => `${total.namespace === "Hookwatch" ? 0 : 1}${total.namespace}${total.name}`;
  const sorted = [...totals].sort((a, b) => order(a).localeCompare(order(b)));
  const number = (value) => element("td", Math.round(value * 100) / 100, "number");
  fillTable("metrics", sorted.map((total) => row(total.namespace, total.name,
    Object.entries(total.dimensions).map(([name, value]) => `${name}=${value}`).join(", "),
    number(total.samples), number(total.sum), number(total.last), total.unit)), "No data point yet.");
}

const STATE_STYLES = { ALARM: "bad", OK: "good", INSUFFICIENT_DATA: "empty" };
const STATE_ORDER = ["ALARM", "INSUFFICIENT_DATA", "OK"];

function runbookLink(address) {
  const cell = element("td");
  if (/^https?:\/\//.test(address || "")) {
    const link = element("a", address.split("/").pop());
    link.href = address;
    link.rel = "noreferrer";
    link.target = "_blank";
    cell.append(link);
  } else {
    cell.textContent = address || "";
  }
  return cell;
}

function alarmRow(alarm) {
  const name = alarm.type === "composite" ? `${alarm.logical_id} (composite)` : alarm.logical_id;
  return row(element("td", alarm.simulated ? alarm.state : "NOT SIMULATED", STATE_STYLES[alarm.state]),
    alarm.severity, element("td", name, "mono"), element("td", (alarm.since || "").slice(0, 19), "number"),
    [alarm.reason, alarm.suppressed].filter(Boolean).join("; "), runbookLink(alarm.runbook));
}

// What is loud comes first: what is not OK, then the composites, which are what would have paged.
function showAlarms(answer) {
  byId("alarms-problem").textContent = answer.problem || "";
  const rank = (alarm) => STATE_ORDER.indexOf(alarm.state) * 2 + (alarm.type === "composite" ? 0 : 1);
  const sorted = [...answer.alarms].sort((a, b) => rank(a) - rank(b));
  const calm = sorted.filter((alarm) => alarm.state === "OK" && alarm.type !== "composite");
  fillTable("alarms", sorted.filter((alarm) => !calm.includes(alarm)).map(alarmRow), "This template has no alarm.");
  fillTable("alarms-ok", calm.map(alarmRow), "None.");
  byId("calm-alarms-title").textContent = `${calm.length} more alarms are OK`;
}

function showFaults(faults) {
  fillTable("faults", faults.map((fault) => {
    const lift = element("button", "Lift");
    lift.type = "button";
    lift.addEventListener("click", () => change(`/api/faults/${fault.id}`, { method: "DELETE" }));
    const cell = element("td");
    cell.append(lift);
    return row(fault.operation, fault.fault, element("td", fault.rate, "number"),
      [fault.code, fault.seconds && `${fault.seconds} s`, fault.function].filter(Boolean).join(", "),
      element("td", fault.hits, "number"), cell);
  }), "None: every call passes.");
}

function showQueues(queues, sources) {
  const number = (value) => element("td", value === null ? "" : Math.round(value), "number");
  const feeds = (name) => sources.filter((source) => source.queue_arn.endsWith(`:${name}`)).map((source) =>
    `${source.function}${source.enabled ? "" : " (disabled)"}${source.problem ? ` (${source.problem})` : ""}`);
  fillTable("queues", queues.map((queue) => row(queue.name, number(queue.visible), number(queue.in_flight),
    number(queue.oldest_age_s), queue.dead_letter_queue, feeds(queue.name).join(", "))), "This template has no queue.");
}

async function refresh() {
  try {
    const [health, deliveries, events, metrics, traces, faults, alarms, queues, sources] = await Promise.all([
      ask("/api/health"), ask("/api/deliveries?limit=50"), ask("/api/events?limit=20"),
      ask("/api/metrics/totals"), ask("/api/traces?limit=20"), ask("/api/faults"),
      ask("/api/alarms"), ask("/api/queues"), ask("/api/sources")]);
    showHealth(health);
    showAlarms(alarms);
    showDeliveries(deliveries.deliveries);
    showDetails("events", events.events, (event) => event.id,
      (event) => `${event.time}  ${event.source}  ${event["detail-type"]}  ${event.id}`, "No event yet.");
    showMetrics(metrics.totals);
    showDetails("traces", traces.traces, (trace) => trace.id,
      (trace) => `${trace.id}  ${trace.annotations.outcome ?? ""}  ${trace.duration_ms ?? "?"} ms`, "No trace yet.");
    showFaults(faults.faults);
    showQueues(queues.queues, sources.queues);
    const clock = health.speed === 1 ? "" : `, clock ${health.now.slice(0, 19)} at ${health.speed} times the speed`;
    byId("state").textContent = `running for ${Math.round(health.uptime_s)} s${clock}`;
    byId("state").className = "ok";
  } catch (error) {
    byId("state").textContent = `no answer: ${error.message}`;
    byId("state").className = "lost";
  }
}

async function change(path, options) {
  try {
    await ask(path, options);
    byId("fault-problem").textContent = "";
  } catch (error) {
    byId("fault-problem").textContent = error.message;
  }
  await refresh();
}

byId("fault-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = new FormData(event.target);
  const fault = { operation: fields.get("operation"), fault: fields.get("fault"), rate: Number(fields.get("rate")) };
  if (fields.get("code")) fault.code = fields.get("code");
  if (fields.get("function")) fault.function = fields.get("function");
  if (fields.get("seconds")) fault.seconds = Number(fields.get("seconds"));
  change("/api/faults", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fault) });
});
byId("clear-faults").addEventListener("click", () => change("/api/faults", { method: "DELETE" }));

async function forever() {
  for (;;) {
    if (!document.hidden) await refresh();
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
forever();
