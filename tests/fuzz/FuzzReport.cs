using System.Globalization;
using System.Text.Json;

namespace Fovea.Fuzz;

/// <summary>What a reader did with its inputs.</summary>
internal sealed class FuzzReport
{
    private const int MostOfOne = 3;

    public string Reader { get; set; } = "";

    public int Seeds { get; set; }

    public int Kept { get; set; }

    public long Inputs { get; set; }

    public long Read { get; set; }

    public long Refused { get; set; }

    public TimeSpan Processor { get; set; }

    public TimeSpan Longest { get; set; }

    public long Memory { get; set; }

    /// <summary>How many inputs each finding had, by its kind and place.</summary>
    public SortedDictionary<string, long> Findings { get; set; } = new(StringComparer.Ordinal);

    public void Add(Outcome outcome)
    {
        if (outcome.Kind == "read") Read++;
        else if (outcome.Kind == "refused") Refused++;
        Longest = outcome.Time > Longest ? outcome.Time : Longest;
        Memory = Math.Max(Memory, outcome.Memory);
    }

    /// <summary>Counts a finding, and keeps the first inputs of each.</summary>
    public void Find(Outcome outcome, byte[] input, long number, string keep)
    {
        string name = $"{outcome.Kind} {outcome.Where}".Trim();
        long count = Findings[name] = Findings.GetValueOrDefault(name) + 1;
        if (count > MostOfOne) return;
        string file = string.Concat($"{Reader}-{name}".Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' ? letter : '_'));
        string path = Path.Combine(Directory.CreateDirectory(keep).FullName, $"{file[..Math.Min(120, file.Length)]}-{number}");
        File.WriteAllBytes(path, input);
        File.WriteAllText(path + ".txt", outcome.Says);
    }

    /// <summary>Adds what a process that came before did.</summary>
    public void Join(FuzzReport before)
    {
        (Read, Refused, Processor) = (Read + before.Read, Refused + before.Refused, Processor + before.Processor);
        Longest = before.Longest > Longest ? before.Longest : Longest;
        Memory = Math.Max(Memory, before.Memory);
        foreach ((string name, long count) in before.Findings) Findings[name] = Findings.GetValueOrDefault(name) + count;
    }

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this));

    public static FuzzReport Load(string path) => JsonSerializer.Deserialize<FuzzReport>(File.ReadAllText(path))!;

    /// <summary>A line for a person, and one for each finding.</summary>
    /// <param name="coverage">What was reached; empty where nothing was counted.</param>
    public string Text(string coverage) => string.Create(CultureInfo.InvariantCulture,
        $"{Reader}: {Inputs:N0} inputs, {Read:N0} read, {Refused:N0} refused, {Processor.TotalMinutes:0.0} CPU minutes, "
        + $"{(coverage.Length > 0 ? coverage + ", " : "")}{Kept:N0} kept, longest {Longest.TotalSeconds:0.00} s, "
        + $"at most {Memory / 1048576.0:0.0} MiB, {Findings.Count} findings")
        + string.Concat(Findings.Select(pair => $"\n  {pair.Value} × {pair.Key}"));
}
