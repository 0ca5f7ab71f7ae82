using Fovea.Cli.Recipes;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Words of a recipe that become folders.</summary>
public sealed class RecipeNameTests
{
    private const string Sweep =
        """

        [[sweep]]
        name = "pareto"
        layer = "block4"

        [[sweep.dictionary]]
        architecture = "topk"
        label = LABEL
        """;

    private static string Error(string text) =>
        Assert.Throws<FoveaException>(
            () => Recipe.From(
                text.Replace("\r\n", "\n", StringComparison.Ordinal), "dir/small.toml", "/recipes", resolved: false, [])).Message;

    [Theory]
    [InlineData("'../../../../../OUTSIDE/here'", "holds '/'")]
    [InlineData("'a/../../b'", "holds '/'")]
    [InlineData("'a\\b'", "holds '\\'")]
    [InlineData("'..'", "the one above it")]
    [InlineData("'con'", "Windows keeps for a device")]
    [InlineData("'point '", "begins or ends with a space")]
    [InlineData("\"a\\u0007b\"", "U+0007")]
    public void A_sweep_s_label_stays_in_its_folder(string label, string why)
    {
        string error = Error(Samples.Small + Sweep.Replace("LABEL", label, StringComparison.Ordinal));
        Assert.StartsWith("dir/small.toml:36:9: sweep.0.dictionary.0.label cannot be used: it ", error, StringComparison.Ordinal);
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("layers = [\"block4\"]", "layers = [\"block4\", \"../out\"]", "harvest.layers cannot be used: it holds '/'")]
    [InlineData("layers = [\"block4\"]", "layers = [\"block4\", \"Block4\"]",
        "harvest.layers names 'block4' and 'Block4', which are one folder on some disks")]
    [InlineData("name = \"l1\"", "name = \"TopK\"", "two dictionaries of block4 are called 'TopK'")]
    [InlineData("name = \"l1\"", "name = \"nul\"", "dictionary.1.name cannot be used: it is a name that Windows keeps for a device")]
    [InlineData("name = \"l1\"", "name = \"Neurons\"", "dictionary.1.name is 'Neurons', which names the layer's own units")]
    [InlineData("name = \"small\"", "name = \"com7\"", "name cannot be used: it is a name that Windows keeps for a device")]
    public void Names_that_are_not_a_folder_of_their_own_everywhere_are_refused(string old, string changed, string expected)
    {
        string text = Samples.Small.Replace(old, changed, StringComparison.Ordinal);
        Assert.NotEqual(Samples.Small, text);
        Assert.Contains(expected, Error(text), StringComparison.Ordinal);
    }
}
