using System.Globalization;
using System.Text;
using Fovea.Models.Onnx;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Models.Onnx;

/// <summary>
/// ONNX's own test data: every case of an operator that is read gives its values. With <c>FOVEA_UPDATE_DOCS=1</c> the tables of
/// docs/reference/onnx-operators.md are written anew.
/// </summary>
public sealed class ConformanceTests : IDisposable
{
    private readonly string _scratch = Directory.CreateTempSubdirectory("fovea-onnx-").FullName;

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    [Fact]
    public void Every_case_of_an_operator_that_is_read_gives_its_values()
    {
        Assert.SkipWhen(ConformanceData.All.Count == 0, "needs ONNX's test data: apt-get install --no-install-recommends libonnx-testdata");
        string page = Path.Combine(Checkout.Root, "docs", "reference", "onnx-operators.md"), text = File.ReadAllText(page), updated = text;
        List<string> failed = [];
        foreach (ConformanceData data in ConformanceData.All)
        {
            ConformanceResult[] results = [.. data.Cases.Select(one => ConformanceRun.Of(one, _scratch))];
            failed.AddRange(results.Where(one => one.Outcome == ConformanceOutcome.Failed)
                .Select(one => $"{data.Version} {one.Case.Suite}/{one.Case.Name}: {one.Why}"));
            updated = Replaced(updated, data.Version, Table(results));
        }
        Assert.True(failed.Count == 0, string.Join('\n', failed));
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_DOCS") == "1") File.WriteAllText(page, updated);
        else Assert.True(text == updated, "docs/reference/onnx-operators.md has other counts. Run this test with FOVEA_UPDATE_DOCS=1.");
    }

    [Fact]
    public void Every_operator_that_is_read_is_on_the_page()
    {
        string text = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "reference", "onnx-operators.md"));
        foreach (string name in OnnxOperators.Names) Assert.Contains($"`{name}`", text, StringComparison.Ordinal);
    }

    private static string Table(ConformanceResult[] results)
    {
        ConformanceResult[] inside = [.. results.Where(one => one.Outcome != ConformanceOutcome.Outside)];
        ConformanceResult[] single = [.. inside.Where(one => one.Operators.Count == 1)];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{results.Length} cases; {inside.Length} of operators that are read, of which ");
        text.Append(CultureInfo.InvariantCulture, $"{inside.Count(one => one.Outcome == ConformanceOutcome.Passed)} pass.\n\n");
        text.Append("| operator | cases | passed | opsets |\n|---|---|---|---|\n");
        foreach (var group in single.GroupBy(one => one.Operators[0]).OrderBy(group => group.Key, StringComparer.Ordinal))
            Line($"`{group.Key}`", [.. group]);
        Line("several in one graph", [.. inside.Where(one => one.Operators.Count != 1)]);
        text.Append("\nOutside:\n\n| cases | because of |\n|---|---|\n");
        foreach (var group in results.Where(one => one.Outcome == ConformanceOutcome.Outside).GroupBy(Why)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"| {group.Count()} | {group.Key} |\n");
        return text.ToString();

        void Line(string name, ConformanceResult[] cases)
        {
            if (cases.Length == 0) return;
            string opsets = string.Join(", ", cases.Select(one => one.Opset).Distinct().Order().Select(
                one => one.ToString(CultureInfo.InvariantCulture)));
            int passed = cases.Count(one => one.Outcome == ConformanceOutcome.Passed);
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {cases.Length} | {passed} | {opsets} |\n");
        }
    }

    private static string Why(ConformanceResult one) => one.Why switch
    {
        _ when one.Why.Contains(' ', StringComparison.Ordinal) => one.Why,
        _ when one.Why.Contains("training", StringComparison.Ordinal) => "training",
        _ when one.Why.Contains('.', StringComparison.Ordinal) => "operators of other domains",
        "NegativeLogLikelihoodLoss" or "SoftmaxCrossEntropyLoss" => "losses",
        _ when one.Why.Contains("String", StringComparison.Ordinal) || one.Why is "TfIdfVectorizer" or "RegexFullMatch" => "texts",
        _ when one.Why.Contains("Sequence", StringComparison.Ordinal) || one.Why.Contains("Optional", StringComparison.Ordinal)
            || one.Why == "Scan" => "lists, optional values and graphs run for each part",
        "RNN" or "LSTM" or "GRU" => "recurrent networks",
        _ when one.Why.Contains("Quantize", StringComparison.Ordinal) || one.Why.Contains("QLinear", StringComparison.Ordinal)
            || one.Why.Contains("Integer", StringComparison.Ordinal) => "quantised networks",
        _ when one.Why.Contains("Random", StringComparison.Ordinal) || one.Why == "Bernoulli" => "random numbers",
        "DFT" or "STFT" or "HannWindow" or "HammingWindow" or "BlackmanWindow" or "MelWeightMatrix" => "sounds",
        "NonMaxSuppression" or "RoiAlign" => "detection",
        _ => $"`{one.Why}`",
    };

    private static string Replaced(string page, string version, string table)
    {
        string start = $"<!-- cases of ONNX {version} -->\n", end = $"<!-- end of ONNX {version} -->";
        int from = page.IndexOf(start, StringComparison.Ordinal), to = page.IndexOf(end, StringComparison.Ordinal);
        return from < 0 || to < 0 ? page : page[..(from + start.Length)] + "\n" + table + "\n" + page[to..];
    }
}
