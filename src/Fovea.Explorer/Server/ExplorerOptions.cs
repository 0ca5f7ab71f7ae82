using Fovea.Datasets;

namespace Fovea.Explorer.Server;

/// <summary>What an explorer serves, and how.</summary>
public sealed record ExplorerOptions
{
    /// <summary>The run folder.</summary>
    public required string Run { get; init; }

    /// <summary>Another run folder, read beside the first to be compared with it; null: none.</summary>
    public string? With { get; init; }

    /// <summary>The port, on the loopback address alone; null: <see cref="FirstPort"/> or the next one that is free.</summary>
    public int? Port { get; init; }

    /// <summary>Whether nothing in the run folder may change and no work may be started.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>What tells the reader's browser from others; null: a random one, anew at each start.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// The program <c>fovea</c> with its first arguments, which makes pictures in a process of its own; empty: none are made.
    /// </summary>
    public IReadOnlyList<string> Program { get; init; } = [];

    /// <summary>Opens the run's own images, which then can be looked at by their numbers; null: they cannot.</summary>
    public Func<IImageSource>? Images { get; init; }

    /// <summary>The first port that is tried where none is named.</summary>
    public const int FirstPort = 7341;

    /// <summary>How many ports are tried where none is named.</summary>
    public const int Ports = 40;

    /// <summary>The shortest token that can be given.</summary>
    public const int ShortestToken = 16;

    /// <summary>Refuses what cannot be served.</summary>
    /// <exception cref="FoveaException">Configuration: a port or a token cannot be used.</exception>
    internal void Check()
    {
        if (Port is <= 0 or > 65535)
            throw FoveaException.BadConfiguration($"{Port} is no port: it must be a number from 1 to 65535. Leave it away for a free one.");
        if (Token is { } token && (token.Length < ShortestToken || !token.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')))
        {
            throw FoveaException.BadConfiguration(
                $"This token cannot be used: it must have {ShortestToken} or more letters, digits, - and _. Leave it away for a random one.");
        }
    }
}
