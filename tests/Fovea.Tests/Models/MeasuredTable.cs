using System.Text;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Models;

/// <summary>
/// A table of a page of <c>docs/reference</c> whose rows a test measures on what a script of <c>tests/reference</c> made. With
/// <c>FOVEA_UPDATE_DOCS=1</c> the table is written anew.
/// </summary>
/// <param name="heading">The table's first line, as it stands in the page.</param>
/// <param name="page">The page's name.</param>
internal sealed class MeasuredTable(string heading, string page = "networks.md")
{
    private readonly StringBuilder _rows = new();

    /// <summary>What is not as it should be: each a failure of the test.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>The folder that a variable names; the test is skipped where it names none.</summary>
    public static string Folder(string variable, string script)
    {
        string? folder = Environment.GetEnvironmentVariable(variable);
        Assert.SkipUnless(folder is { Length: > 0 }, $"needs {variable}: a folder made by tests/reference/{script}");
        return folder;
    }

    /// <summary>The folders in it that hold a file of this name, in order.</summary>
    public static IEnumerable<string> Networks(string folder, string with) =>
        Directory.GetDirectories(folder).Where(one => File.Exists(Path.Combine(one, with))).Order(StringComparer.Ordinal);

    /// <summary>Adds a row, or what kept it from being measured.</summary>
    public void Add(string name, Func<string> row)
    {
        try
        {
            _rows.Append(row()).Append('\n');
        }
        catch (FoveaException e)
        {
            Wrong.Add($"{name}: {e.Message}");
        }
    }

    /// <summary>Fails where anything is wrong or there is no row; writes the page where that is asked for.</summary>
    public void Finish()
    {
        Assert.True(Wrong.Count == 0, $"{string.Join('\n', Wrong)}\n{heading}\n{_rows}");
        Assert.True(_rows.Length > 0, "the folder holds nothing to measure");
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_DOCS") != "1") return;
        string path = Path.Combine(Checkout.Root, "docs", "reference", page), text = File.ReadAllText(path);
        int start = text.IndexOf(heading, StringComparison.Ordinal), end = start;
        Assert.True(start >= 0, $"{path} has no table '{heading}'");
        while (end < text.Length && text[end] == '|') end = text.IndexOf('\n', end) + 1;
        string rule = string.Concat(Enumerable.Repeat("---|", heading.Count(sign => sign == '|') - 1));
        File.WriteAllText(path, $"{text[..start]}{heading}\n|{rule}\n{_rows}{text[end..]}");
    }
}
