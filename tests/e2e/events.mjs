// Messages in a stream of server-sent events.

/** The message of an event. */
export const messageOf = (event) => JSON.parse(event.slice(event.indexOf("data: ") + 6));

/** The messages of a stream's text, without comments. */
export const messagesOf = (text) => text.split("\n\n").filter((event) => event.startsWith("event: ")).map(messageOf);
