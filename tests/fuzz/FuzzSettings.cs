namespace Fovea.Fuzz;

/// <summary>What a run of the command is asked for.</summary>
internal sealed record FuzzSettings
{
    /// <summary>Inputs after which it ends.</summary>
    public long Inputs { get; init; } = 1_000_000;

    /// <summary>The first one's number.</summary>
    public long First { get; init; }

    /// <summary>Minutes of the processor after which it ends.</summary>
    public double Minutes { get; init; } = 20;

    /// <summary>The seed of everything that is drawn.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Where inputs that are findings go.</summary>
    public string Keep { get; init; } = "fuzz-findings";

    /// <summary>A folder for what is needed meanwhile.</summary>
    public string Work { get; init; } = "";

    /// <summary>Without blocks of code: inputs are kept by their outcomes.</summary>
    public bool Plain { get; init; }

    /// <summary>Inputs that were new.</summary>
    public string Corpus => Path.Combine(Work, "corpus");

    /// <summary>Which blocks ran.</summary>
    public string CoverageFile => Path.Combine(Work, "coverage");
}
