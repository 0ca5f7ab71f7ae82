namespace Fovea.Runs.Graph;

/// <summary>The parts of a stage, all done, for who joins them.</summary>
/// <param name="Parts">All of them.</param>
/// <param name="HashesOf">What a part's maker said of its files (<see cref="PartRecord.Hashes"/>).</param>
/// <param name="MakeAgain">Takes back that a part is done.</param>
internal sealed record JoinedParts(
    IReadOnlyList<StagePart> Parts, Func<StagePart, IReadOnlyDictionary<string, string>?> HashesOf, Action<StagePart> MakeAgain);
