using Fovea.Explorer.Contents;
using Fovea.Runs;

namespace Fovea.Explorer.Server;

/// <summary>
/// The run that is served: what was read of it, until the run says that it is another (<see cref="IRunReader.Version"/>), which is asked
/// when a page is, and not more often than a few times a second. So pages appear as stages end. Files that did not change are not read again.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="clock">Says when to ask again.</param>
internal sealed class RunSession(IRunReader run, TimeProvider clock)
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(300);

    private readonly Lock _lock = new();
    private readonly RememberingReader _reader = new(run);
    private State? _state;
    private long _asked;

    /// <summary>The run itself, for what is read on demand.</summary>
    public IRunReader Reader => _reader;

    /// <summary>What was read of the run as it is now.</summary>
    public RunContents Contents => Current().Contents;

    /// <summary>The run's pages as it is now, with what they show.</summary>
    public (RunContents Contents, RunPages Pages) Now() => Current() is var state ? (state.Contents, state.Pages) : default;

    /// <summary>What tells the run as it is from the run as it was.</summary>
    public string Version => Current().Version;

    private State Current()
    {
        lock (_lock)
        {
            if (_state is not null && clock.GetElapsedTime(_asked) < Rest) return _state;
            string version = _reader.Version;
            if (_state is null || _state.Version != version)
            {
                var contents = _reader.Round(() => RunContents.Read(_reader, StageSection.All, whole: false, CancellationToken.None));
                _state = new State(version, contents, new RunPages(contents));
            }
            _asked = clock.GetTimestamp();
            return _state;
        }
    }

    private sealed record State(string Version, RunContents Contents, RunPages Pages);
}
