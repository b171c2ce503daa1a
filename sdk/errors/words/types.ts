/** What was wrong and what would be right, by the name of the error; names of arguments stand in backquotes. */
export type Words = Readonly<Record<string, string>>;
