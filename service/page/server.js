// Requests to the service, and what it answers, also as a stream of events.

/** The body of the answer; throws an Error with the server's message, `body` and `status`. */
export async function ask(path, options) {
  const response = await answered(path, options);
  const body = await response.json().catch(() => null);
  if (body !== null) return body;
  throw new Error(`The server answered with status ${response.status}.`);
}

/**
 * Posts `asked` to be translated. `report(event, data)` is called for each piece on its way, where the server streams;
 * returns the whole reply.
 */
export async function translated(asked, signal, report) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ ...asked, stream: true });
  const response = await answered("translate", { method: "POST", headers, body, signal });
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return response.json();
  for await (const { event, data } of events(response.body)) {
    if (event === "done") return data;
    if (event === "error") throw new Error(data.error);
    report(event, data);
  }
  throw new Error("The connection broke off before the translation was complete.");
}

async function answered(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server can't be reached.");
  }
  if (response.ok) return response;
  const body = await response.json().catch(() => null);
  const again = response.headers.get("Retry-After");
  const message = body?.error ?? `The server answered with status ${response.status}.`;
  const hinted = again && response.status !== 400 ? `${message.replace(/\.?$/, ".")} Try again in ${again} s.` : message;
  throw Object.assign(new Error(hinted), { body, status: response.status });
}

/** Server-sent events of a stream of bytes. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value.replaceAll("\r\n", "\n");
    for (let end = buffer.indexOf("\n\n"); end >= 0; end = buffer.indexOf("\n\n")) {
      const event = parsed(buffer.slice(0, end));
      buffer = buffer.slice(end + 2);
      if (event) yield event;
    }
  }
}

function parsed(lines) {
  let event = "message";
  const data = [];
  for (const line of lines.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}
