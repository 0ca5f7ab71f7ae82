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
            Command = Shown(json["command"]),
            Device = json["device"].Text,
            Threads = json["threads"].Integer,
            Seed = json["seed"].Text,
            Versions = [.. json["versions"].Fields.Where(field => field.Value.Text is not null).Select(field => (field.Name, field.Value.Text!))],
        };
    }

    private static string? Shown(JsonView command)
    {
        string? text = command.Text ?? (command.Items.Count > 0 ? string.Join(' ', command.Items.Select(word => word.Text)) : null);
        return text is null ? null : MachinePaths.InCommand(text);
    }
}
