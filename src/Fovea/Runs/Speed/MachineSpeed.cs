using System.Diagnostics;

namespace Fovea.Runs.Speed;

/// <summary>What was timed, for people.</summary>
/// <param name="What">The work.</param>
/// <param name="Item">What one of it is.</param>
/// <param name="Seconds">That one takes.</param>
internal sealed record MeasuredRate(string What, string Item, double Seconds);

/// <summary>
/// How fast this machine makes what a run is made of: the program's own code on a little of the run's own images, networks and sizes, each
/// kind of work timed once, when it is first asked for.
/// </summary>
internal sealed class MachineSpeed : IDisposable
{
    private readonly Dictionary<object, double> _known = [];
    private readonly List<MeasuredRate> _rates = [];

    /// <summary>The speed of a run's work on this machine.</summary>
    public MachineSpeed(RunContext context)
    {
        Networks = new NetworkSpeed(context, this);
        Dictionaries = new DictionarySpeed(context, this);
        Pictures = new PictureSpeed(context, this);
    }

    /// <summary>Forward passes, training, harvest.</summary>
    public NetworkSpeed Networks { get; }

    /// <summary>Training and measuring of dictionaries.</summary>
    public DictionarySpeed Dictionaries { get; }

    /// <summary>Feature pictures and examples.</summary>
    public PictureSpeed Pictures { get; }

    /// <summary>What was timed, and the seconds an item of it takes, in the order of the first question.</summary>
    public IReadOnlyList<MeasuredRate> Rates => _rates;

    /// <summary>Seconds that the timing has taken.</summary>
    public double Seconds { get; private set; }

    /// <summary>A rate, timed when it is first asked for.</summary>
    /// <param name="key">What decides it.</param>
    /// <param name="what">For people: what was timed.</param>
    /// <param name="item">For people: what one of them is.</param>
    /// <param name="measure">Gives seconds an item.</param>
    public double Once(object key, string what, string item, Func<double> measure)
    {
        if (_known.TryGetValue(key, out double known)) return known;
        long start = Stopwatch.GetTimestamp();
        double rate = measure();
        _known[key] = rate;
        _rates.Add(new MeasuredRate(what, item, rate));
        Seconds += Stopwatch.GetElapsedTime(start).TotalSeconds;
        return rate;
    }

    /// <summary>Frees networks and dictionaries.</summary>
    public void Dispose()
    {
        Dictionaries.Dispose();
        Networks.Dispose();
    }
}
