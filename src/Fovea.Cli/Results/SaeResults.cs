using Fovea.Cli.Workflows;
using Fovea.Interpretation;

namespace Fovea.Cli.Results;

/// <summary>Trained autoencoders.</summary>
internal sealed record SaeTrainResult(string Run, IReadOnlyList<DictionaryOutcome> Dictionaries) : ICommandResult
{
    public static string Command => "`sae train`";
}

/// <summary>Autoencoders measured.</summary>
internal sealed record SaeEvalResult(string Run, IReadOnlyList<EvaluatedDictionary> Dictionaries, string? Engine) : ICommandResult
{
    public static string Command => "`sae eval`";
}

/// <summary>A dictionary measured. The loss is the training's, penalty included.</summary>
internal sealed record EvaluatedDictionary(
    string Name, string Layer, string Architecture, int DIn, int DSae, double L0, double Fvu, double DeadFraction, double Loss,
    string Filter, long Vectors, double ExplainedVariance, double DenseFraction, double ActiveUnits, double? ActiveUnitsDrop,
    ShrinkageScores Shrinkage, DirectionCoherence Coherence, SpliceDocument? Splice, FaithfulnessDocument? Faithfulness,
    double? TrainedWithCap)
    : DictionaryOutcome(Name, Layer, Architecture, DIn, DSae, L0, Fvu, DeadFraction, Loss);

/// <summary>One of two dictionaries compared.</summary>
internal sealed record ComparedDictionary(string Name, int DSae);

/// <summary>How alike the directions of two dictionaries are.</summary>
internal sealed record SaeCompareResult(
    string Run, string Layer, ComparedDictionary A, ComparedDictionary B, bool Signed, double Mcc, int Pairs, double Coverage,
        double MmcsAb, double MmcsBa) : ICommandResult
{
    public static string Command => "`sae compare`";
}

/// <summary>The points of sweeps, and what came to nothing.</summary>
internal sealed record SaeSweepResult(string Run, IReadOnlyList<SweepDictionary> Dictionaries, IReadOnlyList<SweepLeftOut> LeftOut)
    : ICommandResult
{
    public static string Command => "`sae sweep`";
}

/// <summary>A dictionary as SAELens reads it.</summary>
internal sealed record SaeExportResult(string Folder, string Architecture, string? Written, int DIn, int DSae) : ICommandResult
{
    public static string Command => "`sae export`";
}

/// <summary>A dictionary from SAELens; measured where it came into a run.</summary>
internal sealed record SaeImportResult(
    string Folder, string Library, string Architecture, int DIn, int DSae, double? L0, double? Fvu, double? DeadFraction) : ICommandResult
{
    public static string Command => "`sae import`";
}

/// <summary>How selective units are for single factors.</summary>
internal sealed record SaePairsResult(string Run, string Layer, int Pairs, IReadOnlyList<AttributeSelectivity> Sources) : ICommandResult
{
    public static string Command => "`sae pairs`";
}
