using System.Diagnostics;
using System.Globalization;
using Fovea.Fuzz.Changes;
using Fovea.Fuzz.Coverage;
using Fovea.Numerics;

namespace Fovea.Fuzz;

/// <summary>
/// Makes inputs one after the other and reads them in this process. An input that reaches blocks of code that none before reached (or, where
/// nothing is instrumented, ends in a new sentence) is kept, and later ones are made of it.
/// </summary>
internal sealed class FuzzRun : IDisposable
{
    private const int Again = 3, MostKept = 20_000;

    private readonly FuzzReader _reader;
    private readonly FuzzSettings _settings;
    private readonly CurrentInput _current;
    private readonly NativePeak _peak = new();
    private readonly List<byte[]> _kept;
    private readonly HashSet<string> _shapes = new(StringComparer.Ordinal);

    public FuzzRun(FuzzReader reader, FuzzSettings settings)
    {
        (_reader, _settings) = (reader, settings);
        _reader.Folder = Directory.CreateDirectory(Path.Combine(settings.Work, "files")).FullName;
        _current = new CurrentInput(settings.Work);
        CoverageMap.Load(settings.CoverageFile);
        Directory.CreateDirectory(settings.Corpus);
        _kept = [.. reader.Seeds(), .. Directory.GetFiles(settings.Corpus).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
    }

    /// <summary>Reads inputs until there were enough, or the time is over.</summary>
    public FuzzReport Run()
    {
        var report = new FuzzReport { Reader = _reader.Name, Seeds = _kept.Count };
        // What the first readings compile and start is not the inputs' time.
        foreach (byte[] seed in _kept.ToArray()) Judge(report, seed, -1);
        TimeSpan begin = Process.GetCurrentProcess().TotalProcessorTime;
        long i = _settings.First;
        for (; i < _settings.Inputs; i++)
        {
            if (i % 256 == 0)
            {
                report.Processor = Process.GetCurrentProcess().TotalProcessorTime - begin;
                if (report.Processor.TotalMinutes >= _settings.Minutes) break;
                if (i % 4096 == 0) CoverageMap.Save(_settings.CoverageFile);
            }
            byte[] input = Next(new CounterRandom(_settings.Seed, _reader.Name, i));
            if (Judge(report, input, i) && _kept.Count < MostKept)
            {
                _kept.Add(input);
                File.WriteAllBytes(Path.Combine(_settings.Corpus, i.ToString("D9", CultureInfo.InvariantCulture)), input);
            }
        }
        report.Inputs = i;
        report.Kept = _kept.Count;
        report.Processor = Process.GetCurrentProcess().TotalProcessorTime - begin;
        CoverageMap.Save(_settings.CoverageFile);
        return report;
    }

    public void Dispose()
    {
        _current.Dispose();
        _peak.Dispose();
    }

    private byte[] Next(CounterRandom random)
    {
        byte[] input = Pick(random);
        for (int change = random.NextInt(random.NextInt(4) == 0 ? 6 : 2); change >= 0; change--)
        {
            input = random.NextInt(8) switch
            {
                0 or 1 => ByteChanges.Any(input, random),
                2 when random.NextInt(4) == 0 => ByteChanges.Splice(input, Pick(random), random),
                _ => Changed(input, random),
            };
            if (input.Length > Limits.Input) input = input[..Limits.Input];
        }
        return input;
    }

    // What changes a form reads it, too: where it cannot, any change is as good.
    private byte[] Changed(byte[] input, CounterRandom random)
    {
        try
        {
            return _reader.Change(input, random);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or IOException)
        {
            return ByteChanges.Any(input, random);
        }
    }

    // Half of the time one of the last that were new.
    private byte[] Pick(CounterRandom random)
    {
        int recent = Math.Min(_kept.Count, 64);
        return _kept[random.NextInt(2) == 0 ? random.NextInt(_kept.Count) : _kept.Count - 1 - random.NextInt(recent)];
    }

    /// <summary>Whether it was new.</summary>
    private bool Judge(FuzzReport report, byte[] input, long number)
    {
        _current.Begin(input, number);
        Outcome outcome = Outcome.Of(_reader, input, _peak);
        for (int again = 0; again < Again && outcome.IsFinding && outcome.MayBeChance; again++)
        {
            GC.Collect();
            outcome = Outcome.Of(_reader, input, _peak);
        }
        _current.End();
        report.Add(outcome);
        if (outcome.IsFinding) report.Find(outcome, input, number, _settings.Keep);
        return CoverageMap.Blocks > 0 ? CoverageMap.Take() : _shapes.Add(outcome.Kind + outcome.Says) && !outcome.IsFinding;
    }
}
