namespace Fovea.Runs;

/// <summary>What one of several workers did, and what it left.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Complete">Whether every stage that was asked for is complete.</param>
/// <param name="Made">How many parts it made of which stage.</param>
/// <param name="Joined">The stages whose parts it joined.</param>
/// <param name="Left">What is not complete, and who is at it, in sentences.</param>
public sealed record WorkerResult(
    string Run, bool Complete, IReadOnlyList<MadeParts> Made, IReadOnlyList<string> Joined, IReadOnlyList<string> Left);

/// <summary>Parts of a stage that a worker made.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Parts">How many.</param>
public sealed record MadeParts(string Stage, int Parts);
