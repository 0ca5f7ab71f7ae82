namespace Fovea.Tests.IO;

/// <summary>Words that must never become a segment of a path.</summary>
internal static class HostileWords
{
    public static readonly string[] All =
    [
        "", " ", ".", "..", "...", "../here", "../../../../../OUTSIDE/here", "..\\..\\OUTSIDE", "/tmp/OUTSIDE", "C:\\OUTSIDE", "C:OUTSIDE",
            "\\\\server\\share", "a/b", "a\\b",
        "a/../../b", ".hidden", "dot.", "space ", " space", "tab\there", "line\nbreak", "nul\0byte", "bell\a", "a\u202Eb", "a\u200Bb",
            "lone\uD800", "star*", "what?", "\"quoted\"",
        "<angle>", "pipe|", "file:stream", "con", "NUL", "Aux.txt", "com1", "LPT9.json", "com¹", "CONIN$", "nul .txt", new string('x', 300),
            new string('特', 90), "\u00A0", "a\u2028b",
    ];
}
