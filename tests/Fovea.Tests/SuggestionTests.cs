using Xunit;

namespace Fovea.Tests;

public sealed class SuggestionTests
{
    [Theory]
    [InlineData("epoch", "epochs")]
    [InlineData("lerning_rate", "learning_rate")]
    [InlineData("batchsize", "batch_size")]
    [InlineData("epcohs", "epochs")]
    [InlineData("xyz", null)]
    public void The_nearest_word_within_reach(string word, string? expected) =>
        Assert.Equal(expected, Suggestions.Nearest(word, ["epochs", "batch_size", "learning_rate", "flip"]));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("ab", "ba", 1)]
    [InlineData("ca", "abc", 3)]
    public void Distances_of_optimal_string_alignment(string a, string b, int expected) =>
        Assert.Equal(expected, Suggestions.Distance(a, b));
}
