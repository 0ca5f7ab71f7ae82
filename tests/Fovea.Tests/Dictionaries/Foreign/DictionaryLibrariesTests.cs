using System.Globalization;
using System.Text.Json;
using Fovea.Checkpoints;
using Fovea.Dictionaries.Foreign;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Tests.Models;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

/// <summary>
/// Dictionaries that the libraries themselves trained and saved (<c>tests/reference/dictionary_libraries.py</c>): codes and reconstructions
/// of what is imported are those of the libraries' own objects, and what has no variant here is refused by name.
/// </summary>
public sealed class DictionaryLibrariesTests
{
    /// <summary>Of the largest number of a case.</summary>
    private const double Tolerance = 1e-5;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Fact]
    public void Codes_are_those_of_the_libraries_own_objects()
    {
        string folder = MeasuredTable.Folder("FOVEA_DICTIONARY_LIBRARIES", "dictionary_libraries.py");
        var cases = JsonSerializer.Deserialize<Case[]>(File.ReadAllText(Path.Combine(folder, "cases.json")), Json)!;
        var table = new MeasuredTable("| library | what it saved | files | becomes | codes differ by | reconstructions |", "foreign.md");
        foreach (var kind in cases.GroupBy(one => (one.Library, one.Version, Kind: one.Name.Split('-')[1])))
        {
            List<Difference> found = [];
            List<string> refused = [];
            foreach (var one in kind)
            {
                try
                {
                    if (one.Refused is null) found.Add(Compare(folder, one));
                    else refused.Add(Refusal(folder, one));
                }
                catch (Exception e) when (e is FoveaException or Xunit.Sdk.XunitException)
                {
                    table.Wrong.Add($"{one.Name}: {e.Message}");
                }
            }
            string becomes = string.Join(", ", found.Select(one => $"`{one.Variant}`").Distinct().Concat(refused));
            table.Add(kind.Key.Kind, () => $"| {kind.Key.Library} {kind.Key.Version} | `{kind.Key.Kind}` | {kind.Count()} | {becomes} | "
                + $"{Largest(found.Select(one => one.Codes))} | {Largest(found.Select(one => one.Output))} |");
        }
        table.Finish();
    }

    public static TheoryData<string, InputNormalization> Exports =>
        [.. Samples.Exportable.SelectMany(row => Enum.GetValues<InputNormalization>().Select(way => (row.Data, way)))];

    /// <summary>The other way round, in two runs: the first writes what SAELens is to load, the script has it loaded.</summary>
    [Theory]
    [MemberData(nameof(Exports))]
    public void SAELens_own_objects_give_the_codes_of_what_is_exported(string variant, InputNormalization way)
    {
        string folder = MeasuredTable.Folder("FOVEA_SAELENS_EXPORTS", "dictionary_libraries.py --exports"), name = $"{variant}-{way}";
        string own = Path.Combine(folder, name), theirs = Path.Combine(folder, name + ".safetensors");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var autoencoder = Samples.Create(variant, 13, 40, ScalarType.Float32);
        autoencoder.Normalization = way;
        if (!File.Exists(theirs))
        {
            SaeLensFile.Export(own, autoencoder);
            Assert.Skip($"{own} is written: run the script, and this again");
        }
        using var file = SafetensorsFile.Open(theirs);
        Tensor x = file.ToTensor("x"), codes = file.ToTensor("codes"), output = file.ToTensor("output"), ours = autoencoder.EncodeDense(x);
        Assert.InRange(codes.ne(0).sum(1).to_type(ScalarType.Float64).mean().item<double>(), 0.5, 39);
        double difference = Of(ours, codes), back = Of(autoencoder.DecodeDense(ours, x), output);
        Assert.True(difference <= Tolerance && back <= Tolerance, $"codes {difference}, reconstructions {back}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: codes {difference:0.0E+0}, reconstructions {back:0.0E+0}");
    }

    private static Difference Compare(string folder, Case one)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var file = SafetensorsFile.Open(Path.Combine(folder, one.Name + ".safetensors"));
        Tensor x = file.ToTensor("x"), codes = file.ToTensor("codes"), output = file.ToTensor("output");
        using var imported = ForeignDictionaries.Import(Path.Combine(folder, one.Path), one.Options);
        Tensor ours = imported.Autoencoder.EncodeDense(x);
        double active = codes.ne(0).sum(1).to_type(ScalarType.Float64).mean().item<double>();
        Assert.InRange(active, 0.5, codes.shape[1] - 1);
        Tensor back = imported.Autoencoder.DecodeDense(ours, x);
        // saev's TopK has codes below 0 where fewer than k pre-activations are above it; a note says that they are 0 here.
        if (one.Library == "saev" && imported.Autoencoder is TopKAutoencoder)
        {
            Tensor same = codes.ge(0).all(1);
            (codes, back, output) = (codes.relu(), back[same], output[same]);
            Assert.Contains(imported.Notes, note => note.Contains("codes below 0", StringComparison.Ordinal));
            Assert.InRange(back.shape[0], x.shape[0] / 2, x.shape[0]);
        }
        var difference = new Difference(imported.Autoencoder.Architecture, Of(ours, codes), Of(back, output));
        Assert.True(difference.Codes <= Tolerance && difference.Output <= Tolerance,
            $"{difference}; {active:0.0} active, others at {ours.ne(0).ne(codes.ne(0)).sum().item<long>()} of {codes.numel()} entries");
        return difference;
    }

    /// <summary>The largest difference, of the largest number.</summary>
    private static double Of(Tensor ours, Tensor theirs) =>
        (ours - theirs).abs().max().item<float>() / theirs.abs().max().item<float>();

    private static string Refusal(string folder, Case one)
    {
        var error = Assert.Throws<FoveaException>(() => ForeignDictionaries.Import(Path.Combine(folder, one.Path), one.Options).Dispose());
        Assert.Equal(FailureKind.Data, error.Kind);
        Assert.Contains(one.Refused!, error.Message, StringComparison.Ordinal);
        int variant = one.Name.IndexOf('-', one.Name.IndexOf('-') + 1);
        return variant < 0 ? "refused" : $"refused: {one.Name[(variant + 1)..]}";
    }

    private static string Largest(IEnumerable<double> differences) => !differences.Any() ? "" : differences.Max() == 0 ? "0"
        : differences.Max().ToString("0.0E+0", CultureInfo.InvariantCulture).Replace("E-", " · 10⁻", StringComparison.Ordinal)
            .Replace("⁻6", "⁻⁶", StringComparison.Ordinal).Replace("⁻7", "⁻⁷", StringComparison.Ordinal)
            .Replace("⁻8", "⁻⁸", StringComparison.Ordinal);

    private sealed record Case(string Name, string Library, string Version, string Path, string? Refused, ForeignOptions Options);

    private sealed record Difference(string Variant, double Codes, double Output);
}
