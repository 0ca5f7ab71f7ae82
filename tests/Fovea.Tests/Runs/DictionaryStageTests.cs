using Fovea.Runs.Stages;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class DictionaryStageTests
{
    [Theory]
    [InlineData(0.27, 0.82, true)]
    [InlineData(0.19, 0.52, true)]
    [InlineData(0.02, 0.08, false)]
    [InlineData(0.5, 0.7, false)]
    [InlineData(0.3, 0.3, false)]
    public void A_dictionary_has_learned_by_heart_where_others_are_explained_much_worse(double own, double others, bool byHeart) =>
        Assert.Equal(byHeart, DictionaryStage.IsByHeart(own, others));
}
