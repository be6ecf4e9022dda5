"""Which branches do the tests take, in all the processes that they start?"""
