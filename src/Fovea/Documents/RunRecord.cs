using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// <c>run.json</c>: who ran what, when, with which versions and how it ended. The only document of a run with clocks in it.
/// </summary>
public sealed record RunRecord : IDocument
{
    /// <summary>File name.</summary>
    public const string FileName = "run.json";

    /// <inheritdoc/>
    public static int CurrentSchema => 1;

    /// <inheritdoc/>
    [JsonRequired, JsonPropertyOrder(-1)]
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>Name of the recipe and time of the first start.</summary>
    public required string Id { get; init; }

    /// <summary><c>running</c>, <c>done</c>, <c>failed</c> or <c>interrupted</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The command line.</summary>
    public required string Command { get; init; }

    /// <summary>Fovea, .NET, TorchSharp, libtorch.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Where tensors lived.</summary>
    public required string Device { get; init; }

    /// <summary>Threads libtorch used.</summary>
    public required int Threads { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Start of this invocation, UTC.</summary>
    public required DateTime Started { get; init; }

    /// <summary>Its end; null while it runs.</summary>
    public DateTime? Ended { get; init; }

    /// <summary>Wall-clock seconds of this invocation.</summary>
    public double Seconds { get; init; }

    /// <summary>The process's exit code; null while it runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The error's message, where there was one.</summary>
    public string? Error { get; init; }

    /// <summary>The stages of this invocation.</summary>
    public IReadOnlyList<StageTiming> Stages { get; init; } = [];
}

/// <summary>One stage of an invocation.</summary>
public sealed record StageTiming(string Name, double Seconds, bool Skipped);
