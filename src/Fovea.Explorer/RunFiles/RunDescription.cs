namespace Fovea.Explorer.RunFiles;

/// <summary>What <c>run.json</c> says about how the run was made. Clocks are left out: a page holds none (same run, same bytes).</summary>
public sealed record RunDescription
{
    public string? Command { get; init; }
    public string? Device { get; init; }
    public long? Threads { get; init; }
    public string? Seed { get; init; }
    public IReadOnlyList<(string Name, string Version)> Versions { get; init; } = [];

    internal static RunDescription Read(string folder, ICollection<string> problems)
    {
        JsonView json = JsonView.Open(Path.Combine(folder, "run.json"), problems);
        return new RunDescription
        {
            Command = WithoutFolder(json["command"]),
            Device = json["device"].Text,
            Threads = json["threads"].Integer,
            Seed = json["seed"].Text,
            Versions = [.. json["versions"].Fields.Where(field => field.Value.Text is not null).Select(field => (field.Name, field.Value.Text!))],
        };
    }

    /// <summary>The command without <c>--out DIR</c>: where a run lies says nothing about how to make it again.</summary>
    private static string? WithoutFolder(JsonView command)
    {
        string? text = command.Text ?? (command.Items.Count > 0 ? string.Join(' ', command.Items.Select(word => word.Text)) : null);
        if (text is null) return null;
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var kept = new List<string>();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] is "--out") i++;
            else if (!words[i].StartsWith("--out=", StringComparison.Ordinal)) kept.Add(i == 0 ? Path.GetFileNameWithoutExtension(words[i]) : words[i]);
        }
        return string.Join(' ', kept);
    }
}
